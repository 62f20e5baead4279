"""Which directories Flux and Argo CD deploy, where to, and with which values on top."""
