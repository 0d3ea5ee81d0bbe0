"""Programs beside the editions: server, browser, kernels, claims, wheel."""
