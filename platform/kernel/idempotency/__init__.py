"""What was answered to a request that carried a key of its client, so that a repeat changes nothing again."""
