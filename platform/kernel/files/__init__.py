"""Files of shops: encrypted bytes outside the database, their rows inside it."""

from alliance.platform.kernel.files.models import File
from alliance.platform.kernel.files.storing import delete_file, get_file, open_file, store_file

__all__ = ["File", "delete_file", "get_file", "open_file", "store_file"]
