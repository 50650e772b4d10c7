"""Where messages go: a file, a web address, a chat or a mailbox."""
