"""The event stream: one process that holds every browser's connection, fed by the sequencer."""
