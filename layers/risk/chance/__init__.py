"""What chance does: which numbers of a map are told from it, and at which rate of error."""
