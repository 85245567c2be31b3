"""One file per vendor (一户一档): a list of sections, each put together by a module of its own."""
