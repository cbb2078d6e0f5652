"""Application Auto Scaling for SageMaker's endpoints: what MiniStack does not have, on the hosting service's fleets."""
