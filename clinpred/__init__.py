"""clinpred: does a clinical prediction model hold on new patients?"""

__version__ = "0.1.0"
