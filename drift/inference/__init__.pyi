from .answer import Answer as Answer
from .answer import infer as infer
