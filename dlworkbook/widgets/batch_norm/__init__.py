"""Batches before and after batch normalisation, in training and in use."""

from dlworkbook.widgets.batch_norm.widget import BatchNorm

__all__ = ["BatchNorm"]
