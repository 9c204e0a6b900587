"""What a map would have foretold: backtests, and the bandwidth that they choose."""
