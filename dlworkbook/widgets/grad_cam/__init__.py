"""Grad-CAM by layer and class on photographs."""

from dlworkbook.widgets.grad_cam.widget import GradCam

__all__ = ["GradCam"]
