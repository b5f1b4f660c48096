"""What segmentry asks of the operating system: files written whole, helper processes, passwords kept from view."""
