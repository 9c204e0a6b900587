"""The synthetic district: plan, roads and addresses from a seed."""
