"""What makes the three editions from one source: site, notebooks, assignments."""

import sys

# jsonschema's optional check of internationalised addresses compiles a grammar for 2.4 s on
# import (half of a build without changes); nothing here asks for that check.
sys.modules.setdefault("rfc3987_syntax", None)
