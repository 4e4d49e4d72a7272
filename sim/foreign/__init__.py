"""Histories from elsewhere: reading, checking and judging what another system, or an exported run, wrote down."""
