"""Widgets that need no kernel: alive on the site, in JupyterLab and in Colab."""

from __future__ import annotations

from dlworkbook.widgets.attention_maps import AttentionMaps
from dlworkbook.widgets.backprop_net import BackpropNet
from dlworkbook.widgets.batch_norm import BatchNorm
from dlworkbook.widgets.bayes_people import BayesPeople
from dlworkbook.widgets.broadcasting import Broadcasting
from dlworkbook.widgets.compression_sweep import CompressionSweep
from dlworkbook.widgets.convolution import ConvolutionExplorer
from dlworkbook.widgets.dropout import DropoutMasks
from dlworkbook.widgets.focal_loss import FocalLoss
from dlworkbook.widgets.gates import Gates
from dlworkbook.widgets.grad_cam import GradCam
from dlworkbook.widgets.gradient_flow import GradientByLayer
from dlworkbook.widgets.gradient_flow import widget as gradient_flow_codec  # its name on a page
from dlworkbook.widgets.graph_stepper import GraphStepper
from dlworkbook.widgets.huffman import Huffman
from dlworkbook.widgets.iou_nms import IouNms
from dlworkbook.widgets.kit.base import StateError, Widget
from dlworkbook.widgets.learning_rate import LearningRateSweep
from dlworkbook.widgets.multi_head_maps import MultiHeadMaps
from dlworkbook.widgets.next_token import NextToken
from dlworkbook.widgets.norm_balls import NormBalls
from dlworkbook.widgets.normalization_axes import NormalizationAxes
from dlworkbook.widgets.optimizer_race import OptimizerRace
from dlworkbook.widgets.perceptron import Perceptron
from dlworkbook.widgets.pooling import Pooling
from dlworkbook.widgets.positional_encoding import PositionalEncoding
from dlworkbook.widgets.receptive_field import ReceptiveField
from dlworkbook.widgets.sampling import Sampling
from dlworkbook.widgets.softmax import Softmax
from dlworkbook.widgets.tangent_secant import TangentSecant
from dlworkbook.widgets.venn_bounds import VennBounds

__all__ = [
    "AttentionMaps",
    "BackpropNet",
    "BatchNorm",
    "BayesPeople",
    "Broadcasting",
    "CompressionSweep",
    "ConvolutionExplorer",
    "DropoutMasks",
    "FocalLoss",
    "Gates",
    "GradCam",
    "GradientByLayer",
    "GraphStepper",
    "Huffman",
    "IouNms",
    "LearningRateSweep",
    "MultiHeadMaps",
    "NextToken",
    "NormBalls",
    "NormalizationAxes",
    "OptimizerRace",
    "Perceptron",
    "Pooling",
    "PositionalEncoding",
    "ReceptiveField",
    "Sampling",
    "Softmax",
    "StateError",
    "TangentSecant",
    "VennBounds",
    "Widget",
    "gradient_flow_codec",
]
