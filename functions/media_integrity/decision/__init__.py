"""From findings to a verdict: pure functions over documents and the policy. No input, no output."""
