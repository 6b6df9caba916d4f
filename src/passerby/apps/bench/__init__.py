"""How fast the parts are, as ratios against named baselines that run in the same process, interleaved."""
