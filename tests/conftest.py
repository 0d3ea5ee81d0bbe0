"""For all tests: Ctrl-C means what it does at a terminal.

A shell that starts a command in the background has it ignore the signal, and so do all processes
below it; the tests of Ctrl-C would then wait for ever.
"""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
