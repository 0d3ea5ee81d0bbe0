"""Small data sets of the book, with their loaders; a page never downloads anything.

Each set is a folder with its loader, data, licence notice, and the script that made it. The
convolution page takes its photographs from scikit-image, and the labs on a line and on digits take
theirs from scikit-learn: what a package of the book holds is not repeated here.
"""
