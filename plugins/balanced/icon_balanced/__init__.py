"""Selector `balanced` as a plugin of icon: the best candidates of each group, by quotas."""
