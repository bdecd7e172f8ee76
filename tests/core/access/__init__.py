"""Tests of who may talk."""
