"""Results in the formats of other programs: spreadsheets, data frames, OpenSim."""
