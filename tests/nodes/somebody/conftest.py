pytest_plugins = ["harness.nodes.plugin"]
