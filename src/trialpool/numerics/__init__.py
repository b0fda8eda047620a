"""Arrays in, frozen fits out; knows no trial words."""
