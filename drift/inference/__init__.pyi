from drift.inference.answer import Answer as Answer
from drift.inference.answer import infer as infer
