"""Pictures of how models were trained and measured; none shows a person but the portrait that a package ships."""
