"""Pages, REST and the socket: turns HTTP and events into calls of the engine; holds no vision code."""
