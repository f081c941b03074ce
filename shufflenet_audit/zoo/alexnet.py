"""AlexNet in one tower: Krizhevsky, <https://arxiv.org/abs/1404.5997>."""

from __future__ import annotations

import torch
from torch import nn

from shufflenet_audit.zoo.layers import sequence


def alexnet(*, num_classes: int = 1000) -> nn.Module:
    """AlexNet in one tower, for images of 224×224."""
    return AlexNet(num_classes)


class AlexNet(nn.Module):
    """Five convolutions and three fully connected layers, without batch norm."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.features = _features()
        self.classifier = sequence(
            flatten=nn.Flatten(),
            dropout6=nn.Dropout(0.5),
            fc6=nn.Linear(256 * 6 * 6, 4096),
            relu6=nn.ReLU(),
            dropout7=nn.Dropout(0.5),
            fc7=nn.Linear(4096, 4096),
            relu7=nn.ReLU(),
            fc8=nn.Linear(4096, num_classes),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The score of each class."""
        x = self.features(x)
        scores: torch.Tensor = self.classifier(x)
        return scores


def _features() -> nn.Sequential:
    return sequence(
        conv1=nn.Conv2d(3, 64, 11, stride=4, padding=2),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(3, stride=2),
        conv2=nn.Conv2d(64, 192, 5, padding=2),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(3, stride=2),
        conv3=nn.Conv2d(192, 384, 3, padding=1),
        relu3=nn.ReLU(),
        conv4=nn.Conv2d(384, 256, 3, padding=1),
        relu4=nn.ReLU(),
        conv5=nn.Conv2d(256, 256, 3, padding=1),
        relu5=nn.ReLU(),
        pool5=nn.MaxPool2d(3, stride=2),
    )
