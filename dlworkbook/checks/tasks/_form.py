"""What every contract of a function says last: the form of inputs and results."""

FORM = """
NumPy arrays or tensors: NumPy arrays are tried first, and tensors if your function needs them. A
result is an array or a tensor (a number, where one is asked for) of real floating-point numbers,
made anew in each call and the same whenever the inputs are the same. All calls together have 5
seconds."""
