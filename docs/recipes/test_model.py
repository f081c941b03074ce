"""Put it among the tests: the model keeps what it kept, and costs no more than it may."""

import torch
from torch import nn


class Net(nn.Module):
    """The model under test; import yours instead."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 32, 3, stride=2), nn.ReLU(), nn.Conv2d(32, 32, 1))

    def forward(self, x):
        return self.layers(x)


def test_the_widths_are_balanced(audited):
    audited(Net(), torch.zeros(1, 3, 64, 64)).must_hold("G1")


def test_it_stays_small(audited):
    audited(Net(), torch.zeros(1, 3, 64, 64)).must_stay_within(params="2k", macs="2M")


def test_a_model_by_name(audited):
    audited("shufflenet_v2", width=0.5).must_hold("G1", "G2", "G3")
