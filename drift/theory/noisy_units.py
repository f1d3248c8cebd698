"""The mean loss of a network whose hidden units are noisy: dropped, or with noise before they act.

With activity h of unit k for sample s, weight n to output o, and noise that is independent between
units, the outputs have the mean of a network of the units' means, and the sum of n^2 var(h) as
variance. So the squared error has the mean

    sum over s, o of (sum_k n_ok E h_sk - t_so)^2 + sum_k n_ok^2 var h_sk,

over n d_out. Dropout keeps the mean of h, and gives it the variance p / (1 - p) h^2: the loss plus
p / (1 - p) times the mean of n^2 h^2 (Wager, Wang & Liang 2013, arXiv:1307.1493, for one layer;
Mianjy, Arora & Vidal 2018, arXiv:1806.09777, for two). Normal noise on the pre-activation z of a
rectified linear unit has the moments of a rectified normal number. Nothing is approximated, and the
gradient of the mean is the mean of the gradient: what a step of the rule does on average.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from drift.network import Parameters, forward, hidden_activity
from drift.rules.dropout import Dropout
from drift.rules.preactivation_noise import PreactivationNoise
from drift.support.checks import check_choice
from drift.tasks.base_task import Task

__all__ = ["dropout_loss", "dropout_penalty", "unit_noise_loss"]


def dropout_penalty(task: Task, parameters: Parameters, activation: str = "relu") -> float:
    """Mean over samples and outputs of the sum over units of n^2 h^2.

    Parameters
    ----------
    task, parameters : Task, Parameters
        Training set, and a network.
    activation : str
        Name in :data:`drift.network.ACTIVATIONS`.

    Returns
    -------
    float
        What dropout adds to the loss, on average, is p / (1 - p) times this.
    """
    activity = hidden_activity(parameters, task.inputs, activation)
    output_weights = np.asarray(parameters.output_weights, float)
    return float((activity**2 @ output_weights.T**2).mean())


def dropout_loss(
    task: Task, parameters: Parameters, rule: Dropout, activation: str = "relu"
) -> float:
    """Mean over dropped units of the loss of one step; the same for both kinds of masks.

    Parameters
    ----------
    task, parameters : Task, Parameters
        Training set, and a network.
    rule : Dropout
        The probability that a unit is dropped.
    activation : str
        Name in :data:`drift.network.ACTIVATIONS`.

    Returns
    -------
    float
        The loss of the whole network, plus p / (1 - p) times :func:`dropout_penalty`.
    """
    outputs = forward(parameters, task.inputs, activation)[1]
    odds = rule.dropout / (1 - rule.dropout)
    penalty = dropout_penalty(task, parameters, activation)
    return float(((outputs - task.targets) ** 2).mean()) + odds * penalty


def unit_noise_loss(
    task: Task, parameters: Parameters, rule: PreactivationNoise, activation: str = "relu"
) -> float:
    """Mean over the noise on pre-activations of the loss of one step.

    Parameters
    ----------
    task, parameters : Task, Parameters
        Training set, and a network.
    rule : PreactivationNoise
        The standard deviation of the noise.
    activation : {"relu", "identity"}
        Functions of which the moments are known.

    Returns
    -------
    float
        At least the loss of the network of the units' means.

    Raises
    ------
    ValueError
        If the activation function is another one.
    """
    check_choice("activation", activation, ("relu", "identity"))
    mean = hidden_activity(parameters, task.inputs, "identity")
    width = rule.unit_noise
    variance = np.full_like(mean, width**2)
    if activation == "relu" and width > 0:
        ratio = mean / width
        open_share, height = stats.norm.cdf(ratio), stats.norm.pdf(ratio)
        rectified = mean * open_share + width * height
        square = (mean**2 + width**2) * open_share + mean * width * height
        mean, variance = rectified, square - rectified**2
    elif activation == "relu":
        mean = np.maximum(mean, 0)
    output_weights = np.asarray(parameters.output_weights, float)
    error = mean @ output_weights.T - task.targets
    return float((error**2 + variance @ output_weights.T**2).mean())
