"""What trialpool is held against: numbers of other programs (scripts in R), and a simulation of coverage."""
