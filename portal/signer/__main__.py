"""`python -m portal.signer DIR`: answers the one question on stdin from the key directory DIR, on stdout."""

import sys
from pathlib import Path

from portal.adapters.signer_wire import MAX_QUESTION_BYTES, answer
from portal.signer.desk import SigningDesk

question = sys.stdin.buffer.readline(MAX_QUESTION_BYTES)
sys.stdout.buffer.write(answer(SigningDesk(Path(sys.argv[1])), question))
