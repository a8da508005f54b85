"""A library on a Milvus server or cluster: the same contract as the local one, for whoever outgrows one machine."""
