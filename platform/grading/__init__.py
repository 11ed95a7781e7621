"""One vocabulary for what came back: reasons, grades, dispositions, so that each means the same at every member."""
