"""Thousands of scales that speak MQTT themselves."""
