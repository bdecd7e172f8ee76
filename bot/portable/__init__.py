"""What is the owner's, as readable files, and back: `export` and `import`."""
