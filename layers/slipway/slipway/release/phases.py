"""The closed set of phases, in the order in which a release meets them; a phase is named like its function."""

from enum import StrEnum


class Phase(StrEnum):
    """One phase a state of the machine; two waits on an endpoint, or on a human, share a function, not a phase."""

    READ_RELEASE = "read_release"
    VERIFY_ARTIFACT = "verify_artifact"
    WAIT_FOR_TURN = "wait_for_turn"
    CREATE_MODEL = "create_model"
    VERIFY_CONFIG = "verify_config"
    WAIT_FOR_APPROVAL = "wait_for_approval"
    CREATE_CONFIG = "create_config"
    CREATE_ENDPOINT = "create_endpoint"
    WAIT_FOR_IN_SERVICE = "wait_for_in_service"
    RUN_SMOKE_INVOCATIONS = "run_smoke_invocations"
    WATCH_ALARMS = "watch_alarms"
    WAIT_FOR_FINAL_APPROVAL = "wait_for_final_approval"
    VETO_DEPLOYMENT = "veto_deployment"
    PROMOTE_RELEASE = "promote_release"
    ROLL_BACK_RELEASE = "roll_back_release"
    WAIT_FOR_ROLLBACK = "wait_for_rollback"
    CLOSE_RELEASE = "close_release"

    @property
    def ordinal(self) -> int:
        """Place in the order, from 1."""
        return list(Phase).index(self) + 1

    @property
    def state(self) -> str:
        """Name of the machine's state that runs this phase."""
        return STATES[self]


STATES: dict[Phase, str] = {
    Phase.READ_RELEASE: "Read the Release",
    Phase.VERIFY_ARTIFACT: "Verify the Artifact",
    Phase.WAIT_FOR_TURN: "Wait for a Turn",
    Phase.CREATE_MODEL: "Create the Model",
    Phase.VERIFY_CONFIG: "Verify the Config",
    Phase.WAIT_FOR_APPROVAL: "Wait for Approval",
    Phase.CREATE_CONFIG: "Create the Config",
    Phase.CREATE_ENDPOINT: "Create the Endpoint",
    Phase.WAIT_FOR_IN_SERVICE: "Wait for InService",
    Phase.RUN_SMOKE_INVOCATIONS: "Run Smoke Invocations",
    Phase.WATCH_ALARMS: "Watch the Alarms",
    Phase.WAIT_FOR_FINAL_APPROVAL: "Wait for Final Approval",
    Phase.VETO_DEPLOYMENT: "Veto the Deployment",
    Phase.PROMOTE_RELEASE: "Promote the Release",
    Phase.ROLL_BACK_RELEASE: "Roll Back the Release",
    Phase.WAIT_FOR_ROLLBACK: "Wait for the Rollback",
    Phase.CLOSE_RELEASE: "Close the Release",
}


def phase_of(state: str) -> Phase:
    """Find the phase that the machine's state of this name runs.

    Raises:
        KeyError: no phase runs in a state of this name.
    """
    return {name: phase for phase, name in STATES.items()}[state]
