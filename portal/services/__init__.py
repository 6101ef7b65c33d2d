"""What the portal can do: plain functions that check the policy, change state, write the trail and commit. Never
imports flask.
"""
