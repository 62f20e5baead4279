package main

import rego.v1

deny contains "one replica goes with its node" if {
	input.kind == "Deployment"
	input.spec.replicas == 1
}
