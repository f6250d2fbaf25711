"""What a step, header, plan, sign-off and error is: the contracts as code."""
