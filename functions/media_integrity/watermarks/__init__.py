"""The covert mark in published pictures: made at publication, found again by moderators."""
