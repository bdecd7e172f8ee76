"""Programs confined to what they are granted: by bubblewrap, or by the kernel's own means."""
