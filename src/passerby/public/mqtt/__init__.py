"""Released numbers over MQTT 5, with discovery for Home Assistant: for homes, screens and control rooms."""
