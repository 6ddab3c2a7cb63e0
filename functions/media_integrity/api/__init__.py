"""The edge: what the platform calls. Unpacks a request or event, calls a service, maps errors."""
