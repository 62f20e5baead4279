"""Repositories made to harm whoever looks at them, each as a whole process with bounds on what it may take."""
