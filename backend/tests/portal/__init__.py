"""Tests of the portal adapter."""
