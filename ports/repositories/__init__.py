"""One Protocol per repository; its finders are criteria that both adapters interpret, or promises they keep by hand."""
